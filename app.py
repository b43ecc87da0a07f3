"""`python app.py` serves; `flask --app app …` runs commands. A production server loads votes.wsgi."""

from votes import create_app

app = create_app()

if __name__ == "__main__":
    from votes.serve import main

    raise SystemExit(main())
