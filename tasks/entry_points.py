"""Groups of entry points by which other packages add tasks and prompt styles."""

TASKS = "wavebench.tasks"
"""A task's name -> a `Benchmark`, or just its `Loader`."""
STYLES = "wavebench.styles"
"""Any name -> a folder of the package with prompt styles: BENCHMARK.toml, as those in tasks/styles."""
