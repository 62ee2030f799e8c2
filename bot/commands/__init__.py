"""The subcommands of ``bigan``, one module for each group; thin: they read arguments and print results."""
