"""What deputies do between the sessions: meetings, entries, figures, records, public pages."""
