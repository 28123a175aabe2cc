"""Comparing kube-proxy's modes: one packet through each, and what a large cluster costs.

Pure, like the session: values, and rows of words that a terminal or a screen lays out.
"""
