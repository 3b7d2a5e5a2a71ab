"""Turns answers into verdicts; `harness.evaluate` says which samples are judged when.

`judge` is the way from answers to verdicts, `concurrent_judging` the thread beside the model, `rejudge` the check that
verdicts come out again. `import_samples` copies samples of other tools into a run, which `external_samples` reads and
`sample_numbers` numbers.
"""
