"""The work behind the page: visitors' jobs, the queue they wait in, and the files they leave."""
