"""Numbers, units, times and dates as people write them: what profiles recognise and steps read."""
