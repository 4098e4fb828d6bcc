"""The figures behind the template components that need arithmetic: charts, maps, months, time grids."""
