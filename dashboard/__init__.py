"""Runs, results, uploads and the pipeline in the browser: `streamlit run dashboard/app.py`."""
