"""Listen and draw elsewhere: replicas that answer by HTTP, and the client that asks them."""
