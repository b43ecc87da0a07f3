"""Fixtures of the tests of a vote: what a module's ``PREPARED`` makes, by the same name."""

import pytest


@pytest.fixture
def hall(prepared):
    return prepared["hall"]


@pytest.fixture
def closed(prepared):
    return prepared["closed"]


@pytest.fixture
def by_hand(prepared):
    return prepared["by_hand"]


@pytest.fixture
def planned(prepared):
    return prepared["planned"]
