"""Who may see what: openings, emergencies, permissions, explanations, previews, alerts, misuse."""
