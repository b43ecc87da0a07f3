"""The published ratings (满意度测评) of tests/data, and ballots that give exactly their figures."""

import csv
import random
from pathlib import Path

DATA = Path(__file__).parent / "data"
WORDS = ("satisfied", "basically", "dissatisfied")


def published(name: str) -> list[tuple[str, tuple[int, int, int], int]]:
    """(project, (满意, 基本满意, 不满意), ballots) of each row, as printed."""
    with (DATA / f"{name}_ratings.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.reader(file))[1:]
    return [(row[0], (int(row[1]), int(row[2]), int(row[3])), int(row[4])) for row in rows]


def ballots_for(rows: list[tuple[int, int, int]], ballots: int, seed: int = 7) -> list[dict[int, str]]:
    """Return the marks of so many ballots that give each project its figures.

    Which deputy gives which mark is random, with a fixed seed.
    """
    lot, papers = random.Random(seed), [dict[int, str]() for _ in range(ballots)]
    for no, figures in enumerate(rows, start=1):
        marks = [word for word, number in zip(WORDS, figures, strict=True) for _ in range(number)]
        for paper, word in zip(lot.sample(papers, len(marks)), marks, strict=True):
            paper[no] = word
    return papers
