"""The assessment over HTTP: schemes, runs, scores, appeals."""
