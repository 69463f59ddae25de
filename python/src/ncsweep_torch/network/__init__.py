"""Networks as lists of nodes, and two ways to run them: with weights that change, and with weights that are fixed."""
