"""The `lenger` command line, the stacks of nodes, the process runner and the launch adapter."""

__version__ = "0.1.0"
