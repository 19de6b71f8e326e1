"""The run level: the store, the executor, gates, and the run record."""
