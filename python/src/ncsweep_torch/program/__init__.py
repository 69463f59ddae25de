"""The compute program: tasks from a supervisor, over the compute protocol (docs/compute-protocol.md)."""
