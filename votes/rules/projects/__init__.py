"""Candidate projects, their reviews and workbooks."""
