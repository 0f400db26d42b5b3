"""Rules over the figures, judged by CloudWatch's own rules, and what is told when one changes its state.

points → evaluate → move → tell         what a rule looks at, what that means, the transition, its notice
"""
