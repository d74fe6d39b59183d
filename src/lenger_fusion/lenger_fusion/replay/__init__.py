"""Log replay: flight logs of four formats, read causally into records, changed on request, and fed to the estimator."""
