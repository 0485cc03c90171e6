"""Stage 7, resolve: the exception queue."""
