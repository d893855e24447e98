"""The administrators' pages: units and posts, routing table, taxonomy, calendar, standard texts, people and view-as.

Each is a list and a few forms; what they share stands in `skeleton`, `fields` and `history`. What an administrator may
set is judged by the commands; the pages leave out what lies outside the areas he administers.
"""
