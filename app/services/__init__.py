"""What every face of the product calls: datasets, runs, exports and who is asking."""
