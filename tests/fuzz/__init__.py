"""Fuzzing of the front end: whatever the bytes, they are planned, or refused with a place in the
file. `run.py` is the command, `properties.py` says what must hold."""
