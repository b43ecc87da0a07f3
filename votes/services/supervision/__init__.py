"""Deputies and citizens watch: groups, inspections, rectifications, ratings, second reports."""
