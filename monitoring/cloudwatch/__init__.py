"""Figures as metrics of CloudWatch: freeze → claim → send → forget, each minute once. Off unless configured."""
