"""What several tests share: pictures, tiny projects and runs, servers, archives."""
