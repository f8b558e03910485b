"""Compare plans: what each reaches and where its posts go, also under the others' inputs."""
