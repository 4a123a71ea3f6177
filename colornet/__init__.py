"""colornet colours black-and-white photographs and measures how well it does.

    fetch       photographs from a source             -> data/raw/<dataset>
    preprocess  squares with black padding, split     -> data/prepared/<dataset>
    classify    class scores of every grey square     -> data/classes/<dataset>
    train       one network on one dataset            -> runs/<run>
    evaluate    a run on a dataset's test pictures    -> results/<evaluation>

Each stage is ``python -m colornet.<stage> <name>``, reads its section of params.yaml and exchanges
only files with the others; ``python -m colornet.colorize`` colours files with a run.
"""
