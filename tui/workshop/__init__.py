"""A class of learners: what a session tells its workshop, what it is told, and who is where."""
