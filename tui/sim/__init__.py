"""The simulation core: a function from (world, state, packet, choices) to (trace, state).

Nothing in here knows of a terminal, a clock, a file, a socket or randomness.
"""
