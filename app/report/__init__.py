"""The executive report: one self-contained page of HTML, ready to print."""
