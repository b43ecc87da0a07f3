"""What was promised, and how it is carried out.

Plans, reports, adjustments, acceptances, year reports.
"""
