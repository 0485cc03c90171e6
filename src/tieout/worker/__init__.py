"""The worker: books what was received, at its own pace, as a process of its own."""
