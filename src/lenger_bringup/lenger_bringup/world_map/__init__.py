"""Maps of worlds and exercises: what is on them (`content`), and how it is drawn (`sheet`, `panel`, `symbols`)."""
