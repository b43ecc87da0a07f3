"""Congresses, accounts, the roster, identity, passwords, villages."""
