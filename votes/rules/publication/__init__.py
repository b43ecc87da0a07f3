"""What is shown and said to others: public projects, tasks, reminders, the regional overview, feeds."""
