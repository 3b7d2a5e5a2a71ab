// Only its dependencies matter.
