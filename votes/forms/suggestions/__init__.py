"""What citizens ask for: seasons, intake, matters, merging, decisions, transfers, stories."""
