"""What is wrong with a deployment and what to do about it, in Chinese: one module for each thing that is looked at.

Every check returns findings and raises nothing; it changes nothing, and what it finds holds no secret.
"""
