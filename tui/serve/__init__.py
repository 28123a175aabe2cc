"""Workshops over SSH: a front that speaks SSH, a server that forks sessions, and the sessions.

The front (`front`) holds connections, terminals and the class, and no application code. The fork
server (`forks`) has the whole program loaded and one thread; each learner's explorer is a fork
of it with a terminal of its own (`child`). So a session starts at once, costs what it alone
needs, and takes nobody with it when it breaks.
"""
