"""Why a run's number is not the published one: what extraction, cut answers, styles and toolchains contribute."""
