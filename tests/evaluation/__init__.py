"""How well questions find their passages: a judged set, two plain baselines, and the measurement of all three."""
