"""Functions of the package use one thread of numpy's library; the process keeps its own."""

from threadpoolctl import threadpool_info, threadpool_limits

from fte_alloc import api


def blas_threads() -> set[int]:
    """Numbers of threads of the libraries of linear algebra."""
    return {pool["num_threads"] for pool in threadpool_info() if pool["user_api"] == "blas"}


def test_one_thread_within_and_as_before_after():
    with threadpool_limits(2, "blas"):
        before = blas_threads()
        assert api.called(blas_threads)() == {1}
        assert blas_threads() == before == {2}


def test_every_question_runs_on_one_thread():
    import fte_alloc as fa

    for name in ("solve", "explain", "weights", "frontier", "sweep", "verify", "compare"):
        assert getattr(fa, name).__wrapped__, name
