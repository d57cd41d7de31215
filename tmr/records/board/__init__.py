"""The pipeline: the board, its stages, insights and offers."""
