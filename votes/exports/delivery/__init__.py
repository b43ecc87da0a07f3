"""What was promised and how it is carried out: plans, reports, adjustments, acceptances, year reports."""
