"""Sessions of the congress and what is prepared in them: rounds, tellers, halls, motions, cards, check-in."""
