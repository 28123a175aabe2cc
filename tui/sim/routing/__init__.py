"""Links, routes and neighbours of every namespace, and how a route is chosen."""
