"""Speed as ratios taken in one run: `make bench`, or `make bench ONLY=gate-growth,…`. No test looks at a clock."""
