"""The command line: data on standard output, talk on standard error, and exit codes that mean something."""
