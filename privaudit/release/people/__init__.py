"""The people table of a campaign, as three canvassing systems keep it."""
