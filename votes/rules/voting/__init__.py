"""The vote itself: ballots, papers, boxes, the count, results, proof and archive."""
