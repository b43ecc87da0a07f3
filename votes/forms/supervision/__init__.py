"""Groups, inspections, notes, rectifications, citizens' ratings, second reports."""
