"""Publication: public projects, tasks, reminders, the regional overview, feeds."""
